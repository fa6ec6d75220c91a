-- Requests in flight by release. Each worker counts its own and shows them together with the table version it serves:
-- counts shown with a version are complete, since that worker picks from no older table any more. A worker that is
-- killed and started again shows its own fresh counts, so nothing leaks.
local cjson = require("cjson.safe")

local dict = ngx.shared.workers
local flight = {}
local counts = {}
local changed = true
local shown

function flight.enter(release)
  counts[release] = (counts[release] or 0) + 1
  changed = true
end

function flight.leave(release)
  local left = (counts[release] or 0) - 1
  counts[release] = left > 0 and left or nil
  changed = true
end

function flight.publish(version)
  if not changed and shown == version then return end
  changed, shown = false, version
  dict:set(ngx.worker.id(), cjson.encode({ applied = version, counts = counts }))
end

-- The version that all workers serve (the oldest of them while they differ) and the sums of their counts.
function flight.report()
  local applied, sums = math.huge, {}
  for id = 0, ngx.worker.count() - 1 do
    local worker = cjson.decode(dict:get(id) or "") or { applied = 0, counts = {} }
    applied = math.min(applied, worker.applied)
    for release, count in pairs(worker.counts) do sums[release] = (sums[release] or 0) + count end
  end
  return applied, sums
end

return flight
