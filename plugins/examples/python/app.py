"""The example in Python: the same behaviour as ../rust."""

import json

from wit_world import exports


class Provider(exports.Provider):
    """The interface that the component exports."""

    def transform(self, request: str) -> str:
        # A member that the plugin does not know is ignored: that is how the contract grows.
        return json.dumps(answer(json.loads(request)))


def answer(request: dict) -> dict:
    rack, racks = request["values"]["acme"]["rack"], request["values"]["acme"]["racks"]
    if rack not in racks:
        hint = f"there are: {', '.join(racks)}"
        return {"mistakes": [{"path": "/acme/rack", "message": f"there is no rack `{rack}`", "hint": hint}]}
    services = (manifest for manifest in request["manifests"] if manifest["kind"] == "Service")
    namespace = request["values"]["namespace"]["name"]
    return {"changes": [*(annotation(service, rack) for service in services), config_map(namespace, rack)]}


def annotation(service: dict, rack: str) -> dict:
    names = {key: service["metadata"][key] for key in ("namespace", "name") if key in service["metadata"]}
    return {
        "op": "patch",
        "target": {"apiVersion": service["apiVersion"], "kind": service["kind"], **names},
        "patch": [{"op": "add", "path": "/metadata/annotations/acme.example~1rack", "value": rack}],
        "reason": "the load balancer asks for the rack",
    }


def config_map(namespace: str, rack: str) -> dict:
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "acme-rack", "namespace": namespace},
        "data": {"rack": rack},
    }
    return {"op": "add", "manifest": manifest, "reason": "pods look their rack up here"}
