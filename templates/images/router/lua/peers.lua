-- Chooses the release and the task for a request.
local random = math.random
local now = ngx.now

-- Seconds for which a task that refused a connection is skipped. Then one request is sent to it. Others keep skipping it
-- until that one succeeds or times out: a machine that is cut off does not refuse connections.
local DOWN_FOR, PROBE_FOR = 1.5, 4

local peers = {}

-- A release by weight; nil if nothing runs.
function peers.release(route)
  local releases = route.releases
  if #releases < 2 then return releases[1] end
  local mark = random() * route.weight
  for i = 1, #releases do
    mark = mark - releases[i].weight
    if mark < 0 then return releases[i] end
  end
  return releases[#releases]
end

local NONE = {}

-- Round robin over tasks that are up and untried; if there are none, over untried ones, and then over all.
function peers.next(release, tried)
  local list = release.peers
  local count = #list
  local fallback
  tried = tried or NONE
  for _ = 1, count do
    release.turn = release.turn % count + 1
    local peer = list[release.turn]
    if not tried[peer] then
      if peer.down_until == 0 then return peer end
      if peer.down_until <= now() then
        peer.down_until = now() + PROBE_FOR
        return peer
      end
      fallback = fallback or peer
    end
  end
  return fallback or list[release.turn]
end

function peers.mark_down(peer)
  peer.down_until = now() + DOWN_FOR
end

function peers.mark_up(peer)
  peer.down_until = 0
end

return peers
