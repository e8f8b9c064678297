// Makes a component of acme.js, which tsc wrote. What the engine would import is turned off: a plugin imports nothing.

import { readFile, writeFile } from "node:fs/promises";
import { componentize } from "@bytecodealliance/componentize-js";

const { component } = await componentize(await readFile("target/acme.js", "utf8"), {
  witPath: "../../../schemas/plugin.wit",
  worldName: "plugin",
  disableFeatures: ["stdio", "random", "clocks", "http", "fetch-event"],
});
await writeFile("target/built.wasm", component);
