-- The table as a worker uses it: decoded once per version, looked up by host and path.
local cjson = require("cjson.safe")
local store = require("store")

local find, gsub, lower, sub = string.find, string.gsub, string.lower, string.sub

-- Caches the routes of each Host header. The cache is bounded, because clients can send any header.
local MOST_REMEMBERED = 10000
local LONGEST_REMEMBERED = 255

local routes = {}
local applied = 0
local by_host = {}
local peers = {}
local remembered = {}
local remembered_count = 0

-- A peer keeps its object across tables, and with it what is known about its health.
local function build_peer(known, spec)
  local address = spec.host .. ":" .. spec.port
  local peer = known[address] or peers[address] or { host = spec.host, port = spec.port, address = address, down_until = 0 }
  known[address] = peer
  return peer
end

-- `target` is the app and the release in one string, because nginx's variables are expensive.
local function build_release(known, spec, app)
  local release = { id = spec.id, target = app .. "/" .. spec.id, weight = spec.weight, peers = {}, count = 0 }
  for i, peer in ipairs(spec.peers) do release.peers[i] = build_peer(known, peer) end
  release.turn = math.random(0, #release.peers - 1)
  return release
end

local function build_route(known, spec)
  local route = { app = spec.app, path = spec.path, maintenance = spec.maintenance, webless = spec.webless, releases = {}, weight = 0 }
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

-- Called only between requests, so each request sees a single table.
function routes.refresh()
  if store.version() == applied then return end
  local decoded = cjson.decode(store.text())
  by_host, peers = build(decoded.routes)
  applied = decoded.version
  remembered, remembered_count = {}, 0
end

function routes.version()
  return applied
end

local function add(candidates, list)
  for i = 1, list and #list or 0 do candidates[#candidates + 1] = list[i] end
end

-- All routes for a Host header, best first: the exact host, then wildcards from the most specific.
local function candidates_for(header)
  local host = gsub(gsub(lower(header), ":%d*$", ""), "%.$", "")
  local candidates = {}
  add(candidates, by_host[host])
  local dot = find(host, ".", 1, true)
  while dot do
    add(candidates, by_host["*" .. sub(host, dot)])
    dot = find(host, ".", dot + 1, true)
  end
  return candidates
end

local function remember(header, candidates)
  if #header > LONGEST_REMEMBERED then return end
  if remembered_count == MOST_REMEMBERED then remembered, remembered_count = {}, 0 end
  remembered[header] = candidates
  remembered_count = remembered_count + 1
end

local function matches(path, prefix)
  if prefix == "/" then return true end
  if sub(path, 1, #prefix) ~= prefix then return false end
  return #path == #prefix or sub(path, #prefix + 1, #prefix + 1) == "/"
end

-- The route for a request, or nil.
function routes.find(var)
  local header = var.authority or ""
  local candidates = remembered[header]
  if not candidates then
    candidates = candidates_for(header)
    remember(header, candidates)
  end
  local first = candidates[1]
  if not first or first.path == "/" then return first end
  local path = var.uri
  for i = 1, #candidates do
    if matches(path, candidates[i].path) then return candidates[i] end
  end
end

return routes
