-- Polls the controller for the table and reports which one is served and what is in flight. Each poll is a timer of its
-- own, so that its memory is freed afterwards.
local cjson = require("cjson.safe")
local controller = require("controller")
local flight = require("flight")
local settings = require("settings")
local store = require("store")

local FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1
-- Seconds to wait for all workers to load a table before the next report.
local TAKE_LIMIT = 1

local poller = {}
local pause = FIRST_PAUSE
local last_error

local function report(applied, in_flight)
  return cjson.encode({ id = settings.router_id, applied = applied, inFlight = in_flight })
end

local function wait_for_workers(version)
  local deadline = ngx.now() + TAKE_LIMIT
  while flight.report() ~= version and ngx.now() < deadline do ngx.sleep(0.005) end
end

local function poll()
  local applied, in_flight = flight.report()
  local status, body = controller.post("/router/poll", report(applied, in_flight))
  if not status then return nil, body end
  if status == 204 then return true end
  if status ~= 200 then return nil, "status " .. status end
  local version, err = store.put(body)
  if not version then return nil, err end
  if version == applied then return nil, "it sent the table that is served already" end
  wait_for_workers(version)
  return true
end

local function note(err)
  if err ~= last_error then ngx.log(ngx.ERR, err and "the controller is not reached: " or "the controller is reached", err) end
  last_error = err
end

local function run(premature)
  if premature or ngx.worker.exiting() then return end
  local fine, ok, err = pcall(poll)
  if not fine then ok, err = nil, ok end
  note(not ok and tostring(err) or nil)
  local delay = ok and 0 or pause
  pause = ok and FIRST_PAUSE or math.min(pause * 2, LONGEST_PAUSE)
  ngx.timer.at(delay, run)
end

function poller.start()
  ngx.timer.at(0, run)
end

return poller
