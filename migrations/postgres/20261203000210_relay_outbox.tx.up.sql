-- What the whole town has published lies in the order of time, for who reads the
-- outbox of its relay actor.
CREATE INDEX activities_created ON activities (published, id) WHERE public AND type = 'Create';
