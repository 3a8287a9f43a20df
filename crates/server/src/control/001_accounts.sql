CREATE TABLE workspace (
    id {uuid} PRIMARY KEY,
    display_name TEXT NOT NULL,
    subdomain TEXT NOT NULL UNIQUE,
    default_role_id {uuid} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
){options};

CREATE TABLE role (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    is_editable {boolean} NOT NULL,
    can_update_all_settings {boolean} NOT NULL,
    can_access_all_tools {boolean} NOT NULL,
    can_read_all_object_records {boolean} NOT NULL,
    can_update_all_object_records {boolean} NOT NULL,
    can_soft_delete_all_object_records {boolean} NOT NULL,
    can_destroy_all_object_records {boolean} NOT NULL,
    can_be_assigned_to_users {boolean} NOT NULL,
    can_be_assigned_to_api_keys {boolean} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    UNIQUE (workspace_id, label)
){options};

-- email is stored in lower case, so that the unique index minds no case.
CREATE TABLE user_account (
    id {uuid} PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    password_hash TEXT,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
){options};

CREATE TABLE user_workspace (
    id {uuid} PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    workspace_id {uuid} NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    member_id {uuid} NOT NULL,
    role_id {uuid} NOT NULL REFERENCES role (id),
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    UNIQUE (user_id, workspace_id)
){options};

CREATE INDEX user_workspace_by_workspace ON user_workspace (workspace_id);

CREATE TABLE api_key (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    role_id {uuid} NOT NULL REFERENCES role (id),
    expires_at {time} NOT NULL,
    revoked_at {time},
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
){options};

CREATE INDEX api_key_by_workspace ON api_key (workspace_id, created_at, id);

CREATE TABLE signing_key (
    id {uuid} PRIMARY KEY,
    public_key TEXT NOT NULL,
    private_key TEXT,
    is_current {boolean} NOT NULL,
    revoked_at {time},
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
){options};

CREATE UNIQUE INDEX signing_key_current ON signing_key (is_current) WHERE is_current;

-- used_at: when a refresh token was first exchanged; revoked_at: when its user signed out.
CREATE TABLE app_token (
    id {uuid} PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    workspace_id {uuid} REFERENCES workspace (id) ON DELETE CASCADE,
    expires_at {time} NOT NULL,
    used_at {time},
    revoked_at {time},
    created_at {time} NOT NULL
){options};

CREATE INDEX app_token_by_expiry ON app_token (expires_at);
