-- What a camera tells of the thing that an alarm is about, as it was told last: JSON of contract/http.ts Sighting.
ALTER TABLE incident_alarm ADD COLUMN sighting TEXT;
