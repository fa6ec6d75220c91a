-- The table as a worker uses it: decoded once per version, looked up by host and path.
local cjson = require("cjson.safe")
local store = require("store")

local find, sub = string.find, string.sub

local routes = {}
local applied = 0
local by_host = {}
local peers = {}

-- A peer keeps its object over tables, and with it what is known of its health.
local function build_peer(known, spec)
  local key = spec.host .. ":" .. spec.port
  local peer = known[key] or peers[key] or { host = spec.host, port = spec.port, down_until = 0 }
  known[key] = peer
  return peer
end

-- `target` names a release with its app in one string: nginx's variables are dear.
local function build_release(known, spec, app)
  local release = { id = spec.id, target = app .. " " .. spec.id, weight = spec.weight, peers = {}, turn = 0 }
  for i, peer in ipairs(spec.peers) do release.peers[i] = build_peer(known, peer) end
  release.turn = math.random(0, math.max(#release.peers - 1, 0))
  return release
end

local function build_route(known, spec)
  local route = { app = spec.app, path = spec.path, maintenance = spec.maintenance, releases = {}, weight = 0 }
  for _, release in ipairs(spec.releases) do
    if release.weight > 0 and #release.peers > 0 then
      route.releases[#route.releases + 1] = build_release(known, release, spec.app)
      route.weight = route.weight + release.weight
    end
  end
  return route
end

local function longest_path_first(a, b)
  return #a.path > #b.path
end

local function build(specs)
  local hosts, known = {}, {}
  for _, spec in ipairs(specs) do
    local list = hosts[spec.host] or {}
    hosts[spec.host] = list
    list[#list + 1] = build_route(known, spec)
  end
  for _, list in pairs(hosts) do table.sort(list, longest_path_first) end
  return hosts, known
end

-- Called between requests only, so a request sees one table from beginning to end.
function routes.refresh()
  if store.version() == applied then return end
  local decoded = cjson.decode(store.text())
  by_host, peers = build(decoded.routes)
  applied = decoded.version
end

function routes.version()
  return applied
end

local function matches(path, prefix)
  if prefix == "/" then return true end
  if sub(path, 1, #prefix) ~= prefix then return false end
  return #path == #prefix or sub(path, #prefix + 1, #prefix + 1) == "/"
end

local function by_path(list, var)
  local first = list[1]
  if first.path == "/" then return first end
  local path = var.uri
  for i = 1, #list do
    if matches(path, list[i].path) then return list[i] end
  end
end

-- The route for a host as nginx gives it (lower case, no port, no trailing dot): exact, else the nearest wildcard.
function routes.find(host, var)
  local list = by_host[host]
  local route = list and by_path(list, var)
  local dot = not route and find(host, ".", 1, true)
  while dot do
    list = by_host["*" .. sub(host, dot)]
    route = list and by_path(list, var)
    if route then return route end
    dot = find(host, ".", dot + 1, true)
  end
  return route
end

return routes
