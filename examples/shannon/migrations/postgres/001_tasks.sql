-- Run by the database's image, once, when its volume is empty. A later migration does not reach a volume that exists.
CREATE TABLE tasks (
  task_id text PRIMARY KEY,
  status text NOT NULL,
  query text NOT NULL,
  result text NOT NULL DEFAULT '',
  versions jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE llm_usage (
  query text NOT NULL,
  cached boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
