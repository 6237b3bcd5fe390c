-- One export, with the headers that a browser sends to another origin and a unique traceparent.
-- The request is formatted once, because wrk shares the cores with the server.

local number = 0
local before, after

local BROWSER = {
  ["Accept"] = "application/json",
  ["Accept-Encoding"] = "gzip, deflate, br, zstd",
  ["Accept-Language"] = "en-US,en;q=0.9,cs;q=0.8",
  ["Cache-Control"] = "no-cache",
  ["Origin"] = "http://localhost:5173",
  ["Pragma"] = "no-cache",
  ["Referer"] = "http://localhost:5173/",
  ["Sec-Fetch-Dest"] = "empty",
  ["Sec-Fetch-Mode"] = "cors",
  ["Sec-Fetch-Site"] = "same-site",
  ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
}

function init(arguments)
  for name, value in pairs(BROWSER) do
    wrk.headers[name] = value
  end
  wrk.headers["traceparent"] = "TRACE-PARENT"
  before, after = wrk.format("GET", wrk.path):match("^(.*)TRACE%-PARENT(.*)$")
end

function request()
  number = number + 1
  return before .. string.format("00-%032x-%016x-01", number, number) .. after
end
