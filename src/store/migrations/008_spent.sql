-- Version 8: whose records went while a deal, a hold, a block or a step elsewhere protects them keeps the numbers that name
-- them until that is over: in other systems they are known by nothing else.

-- A person some of whose names may have outlived the records of their category; the night looks whether they still may.
CREATE TABLE spent (
  subject INTEGER PRIMARY KEY REFERENCES subject (id)
) STRICT;
