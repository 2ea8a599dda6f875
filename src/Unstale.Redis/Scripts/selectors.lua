-- Calls visit(sequence, record) for each record of a list of selectors, '<sequence>:<kind>:<length>:<text>' back to back.
local function each_selector(list, visit)
  local at = 1
  while at <= #list do
    local _, stop, seq, length = string.find(list, '^(%d+):%a+:(%d+):', at)
    local last = stop + length
    visit(tonumber(seq), string.sub(list, at, last))
    at = last + 1
  end
end

local function selectors_above(list, stamp)
  if list == '' then return '' end
  local above = {}
  each_selector(list, function(seq, record)
    if seq > stamp then above[#above + 1] = record end
  end)
  return table.concat(above)
end
