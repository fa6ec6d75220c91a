-- Life of the router: load the last table, then in every worker follow the shared one, and in one worker poll.
local flight = require("flight")
local poller = require("poller")
local routes = require("routes")
local store = require("store")

-- Seconds; the longest time that passes between a new table and the last worker serving it.
local TICK = 0.02

local router = {}

function router.init()
  require("resty.core")
  require("failure")
  require("health")
  -- A global, since a chunk that calls require() for each request is never compiled.
  request = require("request")
  store.load()
end

local function tick(premature)
  if premature then return end
  routes.refresh()
  flight.publish(routes.version())
end

function router.init_worker()
  math.randomseed(ngx.now() * 1000 + ngx.worker.pid())
  tick(false)
  assert(ngx.timer.every(TICK, tick))
  if ngx.worker.id() == 0 then poller.start() end
end

return router
