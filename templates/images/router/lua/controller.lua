-- A small HTTP/1.1 client for the controller over one keep-alive TLS connection, and the target of users' API requests.
local balancer = require("ngx.balancer")
local settings = require("settings")

local shared = ngx.shared.workers
local BY_NAME = settings.controller_host .. ":" .. settings.controller_port

local CONNECT_MS, SEND_MS, SLICE_MS = 2000, 5000, 1000
-- Time slices without data before a poll fails: the controller holds a poll for up to 4 s. A machine that is cut off never
-- responds, and by then the controller runs elsewhere.
local PATIENCE = 6
local KEEP_MS = 4000

local controller = {}

-- Waits in slices, so that a poll does not delay the exit of a worker.
local function receive(socket, what)
  local received = ""
  for _ = 1, PATIENCE do
    local data, err, partial = socket:receive(what)
    if data then return received .. data end
    received = received .. (partial or "")
    if err ~= "timeout" then return nil, err end
    if ngx.worker.exiting() then return nil, "exiting" end
    if type(what) == "number" then what = what - #(partial or "") end
  end
  return nil, "timeout"
end

local function read_headers(socket)
  local line, err = receive(socket, "*l")
  if not line then return nil, err end
  local status = tonumber(line:match("^HTTP/1%.%d (%d%d%d)"))
  if not status then return nil, "not HTTP" end
  local headers = {}
  while true do
    line, err = receive(socket, "*l")
    if not line then return nil, err end
    if line == "" then return status, headers end
    local name, value = line:match("^([^:]+):%s*(.-)%s*$")
    if name then headers[name:lower()] = value end
  end
end

local function read_chunks(socket)
  local parts = {}
  while true do
    local line, err = receive(socket, "*l")
    local size = line and tonumber(line:match("^%x+"), 16)
    if not size then return nil, err or "bad chunk" end
    local chunk
    chunk, err = receive(socket, size + 2)
    if not chunk then return nil, err end
    if size == 0 then return table.concat(parts) end
    parts[#parts + 1] = chunk:sub(1, size)
  end
end

local function read_body(socket, status, headers)
  if status == 204 then return "" end
  if headers["transfer-encoding"] == "chunked" then return read_chunks(socket) end
  local length = tonumber(headers["content-length"])
  if not length then return nil, "no length" end
  if length == 0 then return "" end
  return receive(socket, length)
end

local function exchange(socket, path, body)
  local sent, err = socket:send({
    "POST ", path, " HTTP/1.1\r\n",
    "host: ", settings.controller_host, ":", settings.controller_port, "\r\n",
    "content-type: application/json\r\n",
    "content-length: ", #body, "\r\n",
    settings.token and ("authorization: Bearer " .. settings.token .. "\r\n") or "",
    "\r\n", body,
  })
  if not sent then return nil, err end
  local status, headers = read_headers(socket)
  if not status then return nil, headers end
  shared:set("controller", headers["x-controller-address"])
  local answer
  answer, err = read_body(socket, status, headers)
  if not answer then return nil, err end
  return status, answer, headers["connection"] ~= "close"
end

local function post(path, body)
  local socket = ngx.socket.tcp()
  socket:settimeouts(CONNECT_MS, SEND_MS, SLICE_MS)
  local ok, err = socket:connect(settings.controller_host, settings.controller_port)
  if not ok then return nil, err end
  local kept = socket:getreusedtimes() > 0
  if not kept then
    ok, err = socket:sslhandshake(nil, settings.controller_name, true)
    if not ok then return nil, err end
  end
  local status, answer, keep = exchange(socket, path, body)
  if status and keep then socket:setkeepalive(KEEP_MS, 1) else socket:close() end
  if not status and kept and answer == "closed" then return post(path, body) end
  return status, answer
end

-- Returns the status and the body, or nil and the reason.
function controller.post(path, body)
  local status, answer = post(path, body)
  if not status then shared:delete("controller") end
  return status, answer
end

-- nginx keeps no idle connections to a name that it resolves, so requests go to the address that answered the last poll.
-- They go to the name only before the first poll, or after one failed.
function controller.place()
  ngx.ctx.controller = shared:get("controller")
  return ngx.ctx.controller and "controller" or BY_NAME
end

function controller.balance()
  local ok, err = balancer.set_current_peer(ngx.ctx.controller, settings.controller_port)
  if ok then return end
  ngx.log(ngx.ERR, "no way to the controller: ", err)
  return ngx.exit(ngx.HTTP_INTERNAL_SERVER_ERROR)
end

return controller
