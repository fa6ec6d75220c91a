-- How far nginx came with the tasks that it tried for a request: it has a connect time for each, "-" where there was no
-- connection. nginx's lists are parted by commas and, after a redirection inside, colons.
local tries = {}

-- Whether the nth of them took a connection.
function tries.connected(n, var)
  for time in (var.upstream_connect_time or ""):gmatch("[%d.-]+") do
    n = n - 1
    if n == 0 then return time ~= "-" end
  end
end

-- Whether the last of them did.
function tries.last_connected(var)
  local last = (var.upstream_connect_time or ""):match("([^, ]+)$")
  return last ~= nil and last ~= "-"
end

return tries
