//! The example in Zig: the same behaviour as ../rust, with the border written out. `render plugin pack` makes a
//! component of the module that comes out, so nothing but the compiler is needed.

const std = @import("std");

/// What a call allocates is never freed: the host throws the whole memory away after it.
const memory = std.heap.wasm_allocator;

/// What the plugin reads of a request. A member that it does not know is ignored: that is how the contract grows.
const Request = struct {
    values: struct {
        namespace: struct { name: []const u8 },
        acme: struct { rack: []const u8, racks: []const []const u8 },
    },
    manifests: []const struct {
        apiVersion: []const u8,
        kind: []const u8,
        metadata: struct { name: []const u8, namespace: ?[]const u8 = null },
    },
};

fn transform(request: Request) ![]u8 {
    const acme = request.values.acme;
    if (!contains(acme.racks, acme.rack)) return mistake(acme.rack, acme.racks);
    var changes: std.ArrayList([]const u8) = .empty;
    for (request.manifests) |manifest| {
        if (std.mem.eql(u8, manifest.kind, "Service")) try changes.append(memory, try json(.{
            .op = "patch",
            .target = .{
                .apiVersion = manifest.apiVersion,
                .kind = manifest.kind,
                .namespace = manifest.metadata.namespace,
                .name = manifest.metadata.name,
            },
            .patch = .{.{ .op = "add", .path = "/metadata/annotations/acme.example~1rack", .value = acme.rack }},
            .reason = "the load balancer asks for the rack",
        }));
    }
    try changes.append(memory, try json(.{
        .op = "add",
        .manifest = .{
            .apiVersion = "v1",
            .kind = "ConfigMap",
            .metadata = .{ .name = "acme-rack", .namespace = request.values.namespace.name },
            .data = .{ .rack = acme.rack },
        },
        .reason = "pods look their rack up here",
    }));
    return std.fmt.allocPrint(memory, "{{\"changes\":[{s}]}}", .{try std.mem.join(memory, ",", changes.items)});
}

fn mistake(rack: []const u8, racks: []const []const u8) ![]u8 {
    return json(.{ .mistakes = .{.{
        .path = "/acme/rack",
        .message = try std.fmt.allocPrint(memory, "there is no rack `{s}`", .{rack}),
        .hint = try std.fmt.allocPrint(memory, "there are: {s}", .{try std.mem.join(memory, ", ", racks)}),
    }} });
}

fn contains(all: []const []const u8, one: []const u8) bool {
    for (all) |other| if (std.mem.eql(u8, other, one)) return true;
    return false;
}

fn json(value: anytype) ![]u8 {
    return std.json.Stringify.valueAlloc(memory, value, .{ .emit_null_optional_fields = false });
}

/// The border, by the names that the canonical ABI gives its parts. The host asks for room for the request,
fn realloc(_: usize, _: usize, _: usize, length: usize) callconv(.c) usize {
    return @intFromPtr((memory.alloc(u8, length) catch @trap()).ptr);
}

/// and calls with address and length; the answer is the address of both of the answer's.
fn call(address: [*]const u8, length: usize) callconv(.c) *const [2]usize {
    const request = std.json.parseFromSliceLeaky(Request, memory, address[0..length], .{
        .ignore_unknown_fields = true,
    }) catch @trap();
    const text = transform(request) catch @trap();
    answer = .{ @intFromPtr(text.ptr), text.len };
    return &answer;
}

var answer: [2]usize = undefined;

comptime {
    @export(&realloc, .{ .name = "cabi_realloc" });
    @export(&call, .{ .name = "render:plugin/provider@1.0.0#transform" });
}
