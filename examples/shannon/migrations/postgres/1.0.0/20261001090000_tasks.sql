-- migrate:up
-- An older volume has the tables: the database's image made them when the volume was empty.
CREATE TABLE IF NOT EXISTS tasks (
  task_id text PRIMARY KEY,
  status text NOT NULL,
  query text NOT NULL,
  result text NOT NULL DEFAULT '',
  versions jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS llm_usage (
  query text NOT NULL,
  cached boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
-- Nothing: the tables hold the platform's data, and a release that turns back must not take it along.
