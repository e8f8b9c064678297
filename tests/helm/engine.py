"""The engine of Helm 4 renders a release, as `helm install --dry-run=client --post-renderer render` does.

usage: engine.py CHART VALUES.json NAME NAMESPACE [ARGUMENT OF THE POST-RENDERER ...]
"""

import json
import pathlib
import sys

from helm_python import _native
from helm_python.config import Config
from helm_python.errors import HelmError

chart, values, name, namespace, *arguments = sys.argv[1:]
config = Config(storage_driver="memory", namespace=namespace)
nothing = _native.HANDLE(0)
options = {"namespace": namespace, "dry_run": "client", "post_renderer": "render", "post_renderer_args": arguments}
try:
    release = _native.call_string(
        "helm_install", config._raw(), nothing, nothing, chart, name, pathlib.Path(values).read_text(), json.dumps(options)
    )
except HelmError as error:
    sys.exit(f"Error: {error}")
print(json.loads(release)["manifest"], end="")
