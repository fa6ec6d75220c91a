-- Loads the last table; then every worker follows the shared one, and one worker polls.
local flight = require("flight")
local poller = require("poller")
local routes = require("routes")
local store = require("store")

-- Seconds; the longest time until every worker serves a new table.
local TICK = 0.02

local router = {}

function router.init()
  require("resty.core")
  require("failure")
  require("health")
  -- A global: LuaJIT does not compile code that calls require() for each request.
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
