-- Each request names another export and has a header value that no other request has.
-- The URL is the list of exports; the arguments are the first id and the number of ids.
-- The request is formatted once, because wrk shares the cores with the server.

local number = 0
local first, count, before, between, after

function init(arguments)
  first, count = tonumber(arguments[1]), tonumber(arguments[2])
  wrk.headers["X-Request-Id"] = "REQUEST-NUMBER"
  local text = wrk.format("GET", wrk.path .. "/EXPORT-ID")
  before, between, after = text:match("^(.*)EXPORT%-ID(.*)REQUEST%-NUMBER(.*)$")
end

function request()
  number = number + 1
  return before .. (first + number % count) .. between .. string.format("%08x", number) .. after
end
