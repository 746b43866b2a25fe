// Where oidc-provider keeps what it issues: the two adapters of this bench, with the methods that the library asks of one.

const seconds = () => Math.floor(Date.now() / 1000);

class MemoryStore {
  constructor(model, kept) {
    this.model = model;
    this.kept = kept;
  }

  async upsert(id, payload, expiresIn) {
    this.kept.set(`${this.model}:${id}`, { payload, ends: seconds() + expiresIn });
    if (payload.uid) this.kept.set(`uid:${payload.uid}`, { payload: id, ends: seconds() + expiresIn });
  }

  async find(id) {
    return this.load(`${this.model}:${id}`);
  }

  async findByUid(uid) {
    return this.find(this.load(`uid:${uid}`));
  }

  async consume(id) {
    this.load(`${this.model}:${id}`).consumed = seconds();
  }

  async destroy(id) {
    this.kept.delete(`${this.model}:${id}`);
  }

  async revokeByGrantId(grantId) {
    for (const [id, { payload }] of this.kept) if (payload.grantId === grantId) this.kept.delete(id);
  }

  load(id) {
    const found = this.kept.get(id);
    return found && found.ends > seconds() ? found.payload : undefined;
  }
}

/** Keep everything in the memory of this process. */
export function inMemory() {
  const kept = new Map();
  return (model) => new MemoryStore(model, kept);
}

const TABLE = `
CREATE TABLE kept (
  model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, uid TEXT, grant_id TEXT, ends INTEGER NOT NULL, consumed INTEGER,
  PRIMARY KEY (model, id)
) WITHOUT ROWID;
CREATE INDEX kept_uid ON kept (uid) WHERE uid IS NOT NULL;
CREATE INDEX kept_grant ON kept (grant_id) WHERE grant_id IS NOT NULL;
`;

class SqliteStore {
  constructor(model, statements) {
    this.model = model;
    this.statements = statements;
  }

  async upsert(id, payload, expiresIn) {
    const { uid = null, grantId = null } = payload;
    this.statements.upsert.run(this.model, id, JSON.stringify(payload), uid, grantId, seconds() + expiresIn);
  }

  async find(id) {
    return read(this.statements.find.get(this.model, id, seconds()));
  }

  async findByUid(uid) {
    return read(this.statements.findByUid.get(this.model, uid, seconds()));
  }

  async consume(id) {
    this.statements.consume.run(seconds(), this.model, id);
  }

  async destroy(id) {
    this.statements.destroy.run(this.model, id);
  }

  async revokeByGrantId(grantId) {
    this.statements.revoke.run(grantId);
  }
}

function read(row) {
  return row && { ...JSON.parse(row.payload), ...(row.consumed ? { consumed: row.consumed } : {}) };
}

/** Keep everything in a new SQLite file, through the driver that comes with Node from 22.13 on; WAL and NORMAL, as Préau has it. */
export async function inSqlite(path) {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${TABLE}`);
  const statements = {
    upsert: database.prepare(`INSERT OR REPLACE INTO kept (model, id, payload, uid, grant_id, ends) VALUES (?, ?, ?, ?, ?, ?)`),
    find: database.prepare('SELECT payload, consumed FROM kept WHERE model = ? AND id = ? AND ends > ?'),
    findByUid: database.prepare('SELECT payload, consumed FROM kept WHERE model = ? AND uid = ? AND ends > ?'),
    consume: database.prepare('UPDATE kept SET consumed = ? WHERE model = ? AND id = ?'),
    destroy: database.prepare('DELETE FROM kept WHERE model = ? AND id = ?'),
    revoke: database.prepare('DELETE FROM kept WHERE grant_id = ?'),
  };
  return (model) => new SqliteStore(model, statements);
}
