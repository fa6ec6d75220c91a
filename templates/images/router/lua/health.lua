-- The state of this router, for the container's health check and for debugging.
local cjson = require("cjson.safe")
local flight = require("flight")
local settings = require("settings")

local health = {}

function health.show()
  local applied, in_flight = flight.report()
  ngx.say(cjson.encode({ id = settings.router_id, applied = applied, inFlight = in_flight, workers = ngx.worker.count() }))
end

return health
