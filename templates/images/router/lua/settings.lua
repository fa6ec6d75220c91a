-- Settings of the entrypoint and the service's environment, read once before the workers fork.
local function secret(path)
  local file = path and io.open(path, "r")
  if not file then return nil end
  local value = file:read("*a"):gsub("%s+$", "")
  file:close()
  return value ~= "" and value or nil
end

local controller_host, controller_port = (os.getenv("MOTHERSHIP_CONTROLLER") or ""):match("^(.+):(%d+)$")

return {
  controller_host = controller_host,
  controller_port = tonumber(controller_port),
  controller_name = os.getenv("MOTHERSHIP_CONTROLLER_NAME"),
  router_id = os.getenv("MOTHERSHIP_ROUTER_ID"),
  token = secret(os.getenv("MOTHERSHIP_ROUTER_TOKEN_FILE")),
  table_file = os.getenv("MOTHERSHIP_TABLE_FILE"),
}
