-- Each request cancels an export in a sandbox that no other request has.

local number = 0

function request()
  number = number + 1
  wrk.headers["X-Mock-Sandbox"] = string.format("s%d", number)
  return wrk.format("DELETE")
end
