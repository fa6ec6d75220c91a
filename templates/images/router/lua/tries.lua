-- How far nginx got with each task that it tried for a request: the connect time, or "-" without a connection. nginx
-- separates its lists by commas and, after an internal redirect, by colons.
local tries = {}

-- Whether the nth task accepted a connection.
function tries.connected(n, var)
  for time in (var.upstream_connect_time or ""):gmatch("[%d.-]+") do
    n = n - 1
    if n == 0 then return time ~= "-" end
  end
end

-- Whether the last one did.
function tries.last_connected(var)
  local last = (var.upstream_connect_time or ""):match("([^, ]+)$")
  return last ~= nil and last ~= "-"
end

return tries
