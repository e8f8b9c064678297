// The example in TypeScript: the same behaviour as ../rust.

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** What the plugin reads of a request. A member that it does not know is ignored: that is how the contract grows. */
interface Request {
  values: { namespace: { name: string }; acme: { rack: string; racks: string[] } };
  manifests: Manifest[];
}

type Change =
  | { op: "add"; manifest: Manifest & Record<string, unknown>; reason: string }
  | { op: "patch"; target: Target; patch: { op: "add"; path: string; value: string }[]; reason: string };

interface Target {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

interface Response {
  changes?: Change[];
  mistakes?: { path: string; message: string; hint?: string }[];
}

function answer({ values: { namespace, acme }, manifests }: Request): Response {
  const { rack, racks } = acme;
  if (!racks.includes(rack)) {
    const hint = `there are: ${racks.join(", ")}`;
    return { mistakes: [{ path: "/acme/rack", message: `there is no rack \`${rack}\``, hint }] };
  }
  const services = manifests.filter(({ kind }) => kind === "Service");
  return { changes: [...services.map((service) => annotation(service, rack)), configMap(namespace.name, rack)] };
}

function annotation({ apiVersion, kind, metadata: { name, namespace } }: Manifest, rack: string): Change {
  return {
    op: "patch",
    target: { apiVersion, kind, namespace, name },
    patch: [{ op: "add", path: "/metadata/annotations/acme.example~1rack", value: rack }],
    reason: "the load balancer asks for the rack",
  };
}

function configMap(namespace: string, rack: string): Change {
  const metadata = { name: "acme-rack", namespace };
  const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { rack } };
  return { op: "add", manifest, reason: "pods look their rack up here" };
}

/** The interface that the component exports. */
export const provider = {
  transform: (request: string): string => JSON.stringify(answer(JSON.parse(request) as Request)),
};
