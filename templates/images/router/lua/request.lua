-- What happens to a request: route, balance, done.
local balancer = require("ngx.balancer")
local flight = require("flight")
local peers = require("peers")
local routes = require("routes")

local find, lower, match, sub = string.find, string.lower, string.match, string.sub

-- Seconds of silence allowed on WebSockets and event streams.
local CONNECT, STREAM_IDLE = 3, 3600
local MOST_TRIES = 3

local request = {}

local function refuse(var, status, code)
  var.code = code
  return ngx.exit(status)
end

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
  local now = ngx.now()
  if now ~= stamp_at then stamp_at, stamp = now, string.format("t=%d", now * 1000) end
  return stamp
end

local function to_controller(var)
  if sub(var.uri, 1, 8) == "/router/" then return refuse(var, 404, "H00") end
  return ngx.exec("@controller")
end

function request.route()
  local var = ngx.var
  local host = var.host
  take_trace_id(var)
  local route = routes.find(host, var)
  if not route then return refuse(var, 404, "H00") end
  var.app = route.app
  var.request_start = request_start()
  take_host(var, host)
  if route.app == "mothership" then return to_controller(var) end
  if route.maintenance then return refuse(var, 503, "H80") end
  local release = peers.release(route)
  if not release then return refuse(var, 503, "H14") end
  flight.enter(release.id)
  var.release = release.id
  ngx.ctx.release = release
end

local function is_stream(var)
  if var.http_upgrade then return true end
  local accept = var.http_accept
  return accept and find(accept, "text/event-stream", 1, true)
end

local function begin(ctx)
  local tries = math.min(#ctx.release.peers, MOST_TRIES)
  if tries > 1 then balancer.set_more_tries(tries - 1) end
  if is_stream(ngx.var) then balancer.set_timeouts(CONNECT, STREAM_IDLE, STREAM_IDLE) end
  ctx.tries = 1
  return peers.next(ctx.release)
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

local function again(ctx)
  ctx.tried = ctx.tried or {}
  ctx.tried[ctx.peer] = true
  if not connected(ctx.tries) then peers.mark_down(ctx.peer) end
  ctx.tries = ctx.tries + 1
  return peers.next(ctx.release, ctx.tried)
end

function request.balance()
  local ctx = ngx.ctx
  local peer = ctx.tries and again(ctx) or begin(ctx)
  ctx.peer = peer
  local ok, err = balancer.set_current_peer(peer.host, peer.port)
  if not ok then ngx.log(ngx.ERR, "cannot use the peer ", peer.host, ": ", err) end
end

-- Runs once for every request that came in, however it ends; ngx.ctx does not outlive an error page, a variable does.
function request.done()
  local release = ngx.var.release
  if release ~= "" then flight.leave(release) end
end

return request
