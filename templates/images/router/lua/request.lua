-- What happens to a request: route, balance, done. This is the hot path: reading or setting one of nginx's variables
-- costs as much as everything else a phase does, and so does ngx.ctx, which only retries use.
local balancer = require("ngx.balancer")
local flight = require("flight")
local peers = require("peers")
local routes = require("routes")

local find, lower, match, min = string.find, string.lower, string.match, math.min
local get_last_failure, set_current_peer = balancer.get_last_failure, balancer.set_current_peer
local now = ngx.now

-- Seconds of silence allowed on WebSockets and event streams.
local CONNECT, STREAM_IDLE = 3, 3600
local MOST_TRIES = 3

local request = {}

-- A trace id from outside is kept when it looks like one.
local function take_trace_id(var)
  local given = var.http_x_request_id
  if given and #given >= 20 and #given <= 200 and not find(given, "[^A-Za-z0-9-]") then var.trace_id = given end
end

-- An absolute request line wins over the Host header (RFC 9112, 3.2.2): the app must see the host that chose it.
local function take_host(var, host)
  local header = var.http_host
  if header == host then return end
  header = header and lower(match(header, "^(.-)%.?:?%d*$") or "")
  if header ~= host then var.upstream_host = host end
end

local stamp_at, stamp
local function request_start()
  local at = now()
  if at ~= stamp_at then stamp_at, stamp = at, string.format("t=%d", at * 1000) end
  return stamp
end

local function refuse(var, code, app)
  var.code = code
  return app or ""
end

-- Sets what nginx needs and returns the target: app and release, or with $code set the app alone.
function request.route()
  local var = ngx.var
  local host = var.host
  take_trace_id(var)
  local route = routes.find(host, var)
  if not route then return refuse(var, "H00") end
  if route.maintenance then return refuse(var, "H80", route.app) end
  local release = peers.release(route)
  if not release then return refuse(var, "H14", route.app) end
  take_host(var, host)
  var.request_start = request_start()
  flight.enter(release)
  return release.target
end

local function is_stream(var)
  if var.http_upgrade then return true end
  local accept = var.http_accept
  return accept and find(accept, "text/event-stream", 1, true)
end

-- "-" among nginx's connect times means that there was no connection: the task is gone. A task that closed a
-- kept connection, or failed later, is not passed over.
local function connected(try)
  local index = 0
  for time in (ngx.var.upstream_connect_time or ""):gmatch("[^, ]+") do
    index = index + 1
    if index == try then return time ~= "-" end
  end
  return true
end

local function first_peer(release)
  balancer.set_more_tries(min(#release.peers, MOST_TRIES) - 1)
  local peer = peers.next(release)
  ngx.ctx.tried = { [peer] = true, last = peer, count = 1 }
  return peer
end

local function next_peer(release)
  local tried = ngx.ctx.tried
  if not connected(tried.count) then peers.mark_down(tried.last) end
  local peer = peers.next(release, tried)
  tried[peer], tried.last, tried.count = true, peer, tried.count + 1
  return peer
end

function request.balance()
  local var = ngx.var
  local release = flight.release(var.target)
  local peer = release.peers[1]
  if #release.peers > 1 then peer = get_last_failure() and next_peer(release) or first_peer(release) end
  if is_stream(var) then balancer.set_timeouts(CONNECT, STREAM_IDLE, STREAM_IDLE) end
  local ok, err = set_current_peer(peer.host, peer.port)
  if not ok then ngx.log(ngx.ERR, "cannot use the peer ", peer.host, ": ", err) end
end

-- Runs once for every request that came in, however it ends.
function request.done()
  flight.leave(ngx.var.target)
end

return request
