CREATE TABLE workspace (
    id TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    subdomain TEXT NOT NULL UNIQUE,
    default_role_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE role (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    is_editable INTEGER NOT NULL,
    can_update_all_settings INTEGER NOT NULL,
    can_access_all_tools INTEGER NOT NULL,
    can_read_all_object_records INTEGER NOT NULL,
    can_update_all_object_records INTEGER NOT NULL,
    can_soft_delete_all_object_records INTEGER NOT NULL,
    can_destroy_all_object_records INTEGER NOT NULL,
    can_be_assigned_to_users INTEGER NOT NULL,
    can_be_assigned_to_api_keys INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (workspace_id, label)
) STRICT;

-- email is stored in lower case, so that the unique index minds no case.
CREATE TABLE user_account (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE user_workspace (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL,
    role_id TEXT NOT NULL REFERENCES role (id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (user_id, workspace_id)
) STRICT;

CREATE INDEX user_workspace_by_workspace ON user_workspace (workspace_id);

CREATE TABLE api_key (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    role_id TEXT NOT NULL REFERENCES role (id),
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX api_key_by_workspace ON api_key (workspace_id, created_at, id);

CREATE TABLE signing_key (
    id TEXT PRIMARY KEY,
    public_key TEXT NOT NULL,
    private_key TEXT,
    is_current INTEGER NOT NULL,
    revoked_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX signing_key_current ON signing_key (is_current) WHERE is_current = 1;

-- used_at: when a refresh token was first exchanged; revoked_at: when its user signed out.
CREATE TABLE app_token (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    workspace_id TEXT REFERENCES workspace (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    revoked_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX app_token_by_expiry ON app_token (expires_at);
