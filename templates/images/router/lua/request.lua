-- What happens to a request. This is the hot path: entering Lua and each of nginx's variables cost as much as all the
-- rest, so there is one entry to pick the task and one at the end. Refusing here gives nginx's 500, which the page of
-- lua/failure.lua turns into what $code says.
local balancer = require("ngx.balancer")
local base = require("resty.core.base")
local ffi = require("ffi")
local flight = require("flight")
local headers = require("headers")
local peers = require("peers")
local routes = require("routes")
local tries = require("tries")

local cast, get_request, min = ffi.cast, base.get_request, math.min
local set_current_peer, set_more_tries = balancer.set_current_peer, balancer.set_more_tries

-- Tries of tasks that cannot be connected to: all tasks of a small app, because a machine that is cut off has several.
local MOST_TRIES = 5
-- Tries of tasks that accepted a request and broke off: the request itself may be what breaks them.
local MOST_BROKEN = 3
-- Status that leads to the location of that name in app.conf.
local UNUSABLE = 520

local request = {}
-- By request, if a release has several tasks.
local last_peer, tried_peers = {}, {}

-- The address of nginx's request: unlike ngx.ctx, it is the same until the request is logged, also for error pages.
local function identity()
  return tonumber(cast("uintptr_t", get_request()))
end

local function refuse(code, target)
  ngx.var.code, ngx.var.target = code, target
  return ngx.exit(ngx.ERROR)
end

local function first_peer(id, release)
  local list = release.peers
  if #list == 1 then return list[1] end
  set_more_tries(min(#list, MOST_TRIES) - 1)
  local peer = peers.next(release)
  last_peer[id] = peer
  return peer
end

local function next_peer(id, release)
  local failed = last_peer[id]
  if not failed then return release.peers[1] end
  local tried = tried_peers[id] or { count = 0, broken = 0 }
  tried_peers[id] = tried
  tried.count = tried.count + 1
  tried[failed] = true
  -- Without a connection the task is gone. A task that closed an idle connection or failed later is not skipped.
  if tries.connected(tried.count, ngx.var) then
    tried.broken = tried.broken + 1
    if tried.broken == MOST_BROKEN then return refuse("H13", ngx.var.target) end
  else
    peers.mark_down(failed)
  end
  local peer = peers.next(release, tried)
  last_peer[id] = peer
  return peer
end

local function start(id)
  local var = ngx.var
  local route = routes.find(var)
  if not route then return refuse("H00", "") end
  if not headers.are_sound() then return refuse("H26", route.app) end
  if route.maintenance then return refuse("H80", route.app) end
  local release = peers.release(route)
  if not release then return refuse("H14", route.app) end
  flight.begin(id, release)
  var.target = release.target
  return first_peer(id, release)
end

-- Called for each try of a request.
function request.balance()
  local id = identity()
  local release = flight.of(id)
  local peer = release and next_peer(id, release) or start(id)
  local ok, err = set_current_peer(peer.host, peer.port)
  if not ok then ngx.log(ngx.ERR, "cannot use the peer ", peer.address, ": ", err) end
end

-- Called with the header of an answer. nginx takes a 1xx for the final answer and everything after it for its body, so
-- an app's 103 would hold the client until the app closes the connection. Below 100: what came was not HTTP.
function request.answered()
  local status = ngx.status
  if status >= 200 or status == 101 and (ngx.var.http_upgrade or "") ~= "" then return end
  ngx.var.code = status < 100 and "H17" or "H30"
  return ngx.exit(UNUSABLE)
end

-- Runs once for each request, however it ends.
function request.done()
  local id = identity()
  flight.finish(id)
  local peer = last_peer[id]
  if not peer then return end
  if peer.down_until ~= 0 and tries.last_connected(ngx.var) then peers.mark_up(peer) end
  last_peer[id], tried_peers[id] = nil, nil
end

-- Keeps a client's request id if it is well-formed.
function request.trace_id()
  local var = ngx.var
  local given = var.http_x_request_id
  if #given >= 20 and #given <= 200 and not given:find("[^A-Za-z0-9-]") then return given end
  return var.boot .. "-" .. var.connection .. "-" .. var.connection_requests
end

return request
