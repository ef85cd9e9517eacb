-- Gives the room of what was deleted back.
VACUUM;
