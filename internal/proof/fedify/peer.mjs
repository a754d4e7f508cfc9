// The other server in the independent proof: a small application of Fedify (https://fedify.dev), which other people wrote.
// It is one account, lena, and a crowd of others, f01 to f99, who only follow and move along. lena follows, likes, boosts, answers and posts as she is told on standard input: one JSON
// value a line, {"id": 1, "do": "follow", "actor": "https://..."}; the answer is a line {"id": 1, "result": ...} or
// {"id": 1, "error": "..."}. It ends when standard input does. Its diary goes to standard error.
//
// Environment: ORIGIN (https://fedi.test:PORT), ADDRESS and PORT to listen on, CERT and KEY (PEM files), FIRST_KNOCK
// (rfc9421 or draft-cavage-http-signatures-12), HOSTS (see names.mjs), NODE_EXTRA_CA_CERTS.
import "./names.mjs";
import { handler, wire } from "./wire.mjs";
import { read, readActivity } from "./read.mjs";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createInterface } from "node:readline";
import { Temporal } from "@js-temporal/polyfill";
import { createFederation, generateCryptoKeyPair, MemoryKvStore, signObject, verifyObject } from "@fedify/fedify";
import {
  Accept, Activity, Announce, Create, Delete, Endpoints, Follow, Like, Mention, Move, Note, Person, PUBLIC_COLLECTION, Tombstone, Undo,
} from "@fedify/vocab";

const origin = process.env.ORIGIN;
const who = "lena";
const keyPairs = [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), await generateCryptoKeyPair("Ed25519")];
const followers = new Map(); // actor id -> Recipient
const following = new Map(); // actor id -> our Follow, as long as it is not undone
const follows = new Map(); // uuid -> our Follow, for ever: whoever accepts it only links to it
const notes = new Map(); // uuid -> Note
const crowd = new Map(); // name -> Map of actor id -> Follow, of those who only follow
const lives = (name) => name === who || crowd.has(name);
const received = []; // verified activities, in order of arrival

// No queue: an activity is on its way before the answer to the command, and a failed delivery is an error of the command.
const federation = createFederation({
  kv: new MemoryKvStore(), origin, allowPrivateAddress: true, firstKnock: process.env.FIRST_KNOCK ?? "rfc9421",
});

federation
  .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
    if (!lives(identifier)) return null;
    const keys = await ctx.getActorKeyPairs(identifier);
    return new Person({
      id: ctx.getActorUri(identifier), preferredUsername: identifier, name: "Lena Nachbarin", summary: "<p>Wohnt nebenan.</p>",
      url: new URL(`/@${identifier}`, origin), inbox: ctx.getInboxUri(identifier), outbox: ctx.getOutboxUri(identifier),
      followers: ctx.getFollowersUri(identifier), following: ctx.getFollowingUri(identifier),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }), publicKey: keys[0].cryptographicKey,
      assertionMethods: keys.map((key) => key.multikey),
    });
  })
  .setKeyPairsDispatcher((_ctx, identifier) => (lives(identifier) ? keyPairs : []));
federation.setFollowersDispatcher("/users/{identifier}/followers", () => ({ items: [...followers.values()] }));
federation.setFollowingDispatcher("/users/{identifier}/following", () => ({ items: [...following.keys()].map((id) => new URL(id)) }));
federation.setOutboxDispatcher("/users/{identifier}/outbox", () => ({ items: [] }));
federation.setObjectDispatcher(Note, "/notes/{id}", (_ctx, { id }) => {
  const note = notes.get(id);
  return note != null && [...note.toIds, ...note.ccIds].some((to) => to.href === PUBLIC_COLLECTION.href) ? note : null;
});
federation.setObjectDispatcher(Follow, "/follows/{id}", (_ctx, { id }) => follows.get(id) ?? null);
federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .setSharedKeyDispatcher(() => ({ identifier: who }))
  .on(Follow, async (ctx, follow) => {
    received.push(await readActivity(follow, ctx));
    const follower = await follow.getActor(ctx);
    followers.set(follower.id.href, follower);
    const accept = new Accept({ id: id("accepts"), actor: ctx.getActorUri(who), object: follow, to: follower.id });
    await ctx.sendActivity({ identifier: who }, follower, accept);
  })
  .on(Undo, async (ctx, undo) => {
    received.push(await readActivity(undo, ctx));
    const undone = await undo.getObject(ctx);
    if (undone instanceof Follow) followers.delete(undo.actorId.href);
  })
  .on(Move, async (ctx, move) => {
    received.push(await readActivity(move, ctx));
    // Not in the request: whoever delivers must not wait until a whole crowd has moved along.
    moveAlong(ctx, move).catch((error) => console.error("move:", error));
  })
  .on(Activity, async (ctx, activity) => {
    received.push(await readActivity(activity, ctx));
  })
  .onError((_ctx, error) => console.error("inbox:", error));

const context = () => federation.createContext(new URL(origin), undefined);
const id = (kind) => new URL(`/${kind}/${crypto.randomUUID()}`, origin);

// send delivers to the author of what the activity is about, or to all followers, and gives its id.
async function send(ctx, activity, to) {
  await ctx.sendActivity({ identifier: who }, to, activity, { immediate: true, preferSharedInbox: true });
  return { id: activity.id.href };
}

// moveAlong lets who of the crowd follows an actor follow it to its new place.
async function moveAlong(ctx, move) {
  if (move.objectId?.href !== move.actorId?.href) return;
  for (const [name, follows] of crowd) {
    const old = follows.get(move.actorId.href);
    if (old == null) continue;
    // Asked anew and not from the cache: only who names the old one is followed.
    const documentLoader = await ctx.getDocumentLoader({ identifier: name });
    const there = await ctx.lookupObject(move.targetId, { documentLoader });
    if (!there?.aliasIds.some((alias) => alias.href === move.actorId.href)) throw new Error(`${move.targetId} does not name ${move.actorId}`);
    const before = await ctx.lookupObject(move.actorId, { documentLoader });
    if (before?.successorId?.href !== move.targetId.href) throw new Error(`${move.actorId} does not say that it moved`);
    await followAs(ctx, name, there);
    await unfollowAs(ctx, name, before);
  }
}

async function followAs(ctx, name, object) {
  const key = crypto.randomUUID();
  const follow = new Follow({ id: ctx.getObjectUri(Follow, { id: key }), actor: ctx.getActorUri(name), object: object.id, to: object.id });
  crowd.get(name).set(object.id.href, follow);
  follows.set(key, follow);
  await ctx.sendActivity({ identifier: name }, object, follow, { immediate: true, preferSharedInbox: true });
}

async function unfollowAs(ctx, name, object) {
  const follow = crowd.get(name).get(object.id.href);
  crowd.get(name).delete(object.id.href);
  const undo = new Undo({ id: id("undos"), actor: ctx.getActorUri(name), object: follow, to: object.id });
  await ctx.sendActivity({ identifier: name }, object, undo, { immediate: true, preferSharedInbox: true });
}

async function lookup(ctx, what) {
  const found = await ctx.lookupObject(what);
  if (found == null) throw new Error(`cannot look up ${what}`);
  return found;
}

async function about(ctx, object) {
  const thing = await lookup(ctx, object);
  return { thing, author: await lookup(ctx, thing.attributionId.href) };
}

const everyone = (ctx, author) => ({ to: PUBLIC_COLLECTION, ccs: [ctx.getFollowersUri(who), author.id] });

function audience(ctx, visibility, author) {
  switch (visibility) {
    case "public": return { tos: [PUBLIC_COLLECTION], ccs: [ctx.getFollowersUri(who), author.id] };
    case "followers": return { tos: [ctx.getFollowersUri(who)], ccs: [author.id] };
    case "direct": return { tos: [author.id] };
    default: throw new Error(`unknown visibility ${visibility}`);
  }
}

function write(values) {
  const key = crypto.randomUUID();
  const note = new Note({
    id: new URL(`/notes/${key}`, origin), url: new URL(`/@${who}/${key}`, origin), published: Temporal.Now.instant(),
    attribution: context().getActorUri(who), ...values,
  });
  notes.set(key, note);
  return note;
}

const created = (ctx, note) => new Create({
  id: id("creates"), actor: ctx.getActorUri(who), object: note, tos: note.toIds, ccs: note.ccIds, published: note.published,
});

// What lena can be told to do.
const commands = {
  // lookup: {what}: a handle or an id.
  lookup: async (ctx, { what }) => read(await lookup(ctx, what), ctx),
  follow: async (ctx, { actor }) => {
    const object = await lookup(ctx, actor);
    const key = crypto.randomUUID();
    const follow = new Follow({
      id: ctx.getObjectUri(Follow, { id: key }), actor: ctx.getActorUri(who), object: object.id, to: object.id,
    });
    following.set(object.id.href, follow);
    follows.set(key, follow);
    return send(ctx, follow, object);
  },
  // subscribe: {relay}: to all that a server publishes, as Mastodon does with a relay: a Follow of the Public collection.
  subscribe: async (ctx, { relay }) => {
    const object = await lookup(ctx, relay);
    const key = crypto.randomUUID();
    const follow = new Follow({ id: ctx.getObjectUri(Follow, { id: key }), actor: ctx.getActorUri(who), object: PUBLIC_COLLECTION });
    follows.set(key, follow);
    return send(ctx, follow, object);
  },
  // gather: {n, actor}: a crowd of n appears and follows the actor.
  gather: async (ctx, { n, actor }) => {
    const object = await lookup(ctx, actor);
    for (let i = 1; i <= n; i++) {
      const name = `f${String(i).padStart(2, "0")}`;
      crowd.set(name, new Map());
      await followAs(ctx, name, object);
    }
  },
  // trailing: {actor}: who of the crowd follows the actor.
  trailing: (_ctx, { actor }) => [...crowd].filter(([, follows]) => follows.has(actor)).map(([name]) => name),
  // featured: {actor}: the ids of what an actor has pinned, read anew.
  featured: async (ctx, { actor }) => {
    const documentLoader = await ctx.getDocumentLoader({ identifier: who });
    const found = await ctx.lookupObject(actor, { documentLoader });
    const pinned = await found.getFeatured({ documentLoader });
    const ids = [];
    for await (const item of pinned.getItems({ documentLoader })) ids.push(item.id.href);
    return ids;
  },
  undoFollow: async (ctx, { actor }) => {
    const object = await lookup(ctx, actor);
    const follow = following.get(object.id.href);
    following.delete(object.id.href);
    return send(ctx, new Undo({ id: id("undos"), actor: ctx.getActorUri(who), object: follow, to: object.id }), object);
  },
  like: async (ctx, { object }) => {
    const { thing, author } = await about(ctx, object);
    return send(ctx, new Like({ id: id("likes"), actor: ctx.getActorUri(who), object: thing.id, to: author.id }), author);
  },
  announce: async (ctx, { object }) => {
    const { thing, author } = await about(ctx, object);
    const boost = { id: id("announces"), actor: ctx.getActorUri(who), object: thing.id, published: Temporal.Now.instant() };
    return send(ctx, new Announce({ ...boost, ...everyone(ctx, author) }), author);
  },
  // reply: {object, text, visibility}: public, followers or direct. Gives the id of the note.
  reply: async (ctx, { object, text, visibility }) => {
    const { thing, author } = await about(ctx, object);
    const name = `@${author.preferredUsername}@${author.id.host}`;
    const note = write({
      replyTarget: thing.id, content: `<p><a class="mention" href="${author.id.href}">${name}</a> ${text}</p>`,
      tags: [new Mention({ href: author.id, name })], ...audience(ctx, visibility ?? "public", author),
    });
    await send(ctx, created(ctx, note), author);
    return { id: note.id.href };
  },
  // whisper: {actor, answers, text}: to one actor alone, in reply to a note that others need not be able to read. Gives the
  // id of the note.
  whisper: async (ctx, { actor, answers, text }) => {
    const author = await lookup(ctx, actor);
    const name = `@${author.preferredUsername}@${author.id.host}`;
    const note = write({
      replyTarget: answers == null ? undefined : new URL(answers), content: `<p><a class="mention" href="${author.id.href}">${name}</a> ${text}</p>`,
      tags: [new Mention({ href: author.id, name })], tos: [author.id],
    });
    await send(ctx, created(ctx, note), author);
    return { id: note.id.href };
  },
  // retract: {actor, note}: deletes a note that was for one actor alone.
  retract: async (ctx, { actor, note }) => {
    const author = await lookup(ctx, actor);
    return send(ctx, new Delete({ id: id("deletes"), actor: ctx.getActorUri(who), object: new Tombstone({ id: new URL(note) }), to: author.id }), author);
  },
  // post: {text}: to all followers. Gives the id of the note.
  post: async (ctx, { text }) => {
    const note = write({ content: `<p>${text}</p>`, to: PUBLIC_COLLECTION, cc: ctx.getFollowersUri(who) });
    await send(ctx, created(ctx, note), "followers");
    return { id: note.id.href };
  },
  // prove: {object}: gives a Like with a proof (FEP-8b32), which somebody else may pass on.
  prove: async (ctx, { object }) => {
    const { thing, author } = await about(ctx, object);
    const like = new Like({ id: id("likes"), actor: ctx.getActorUri(who), object: thing.id, to: author.id });
    const key = (await ctx.getActorKeyPairs(who)).find((pair) => pair.privateKey.algorithm.name === "Ed25519");
    const proven = await signObject(like, key.privateKey, key.multikey.id, { contextLoader: ctx.contextLoader });
    return proven.toJsonLd({ contextLoader: ctx.contextLoader });
  },
  // proven: {document}: whether the proof in a document holds.
  proven: async ({ documentLoader, contextLoader }, { document }) =>
    ({ holds: (await verifyObject(Activity, document, { documentLoader, contextLoader })) != null }),
  received: () => received,
  followers: () => [...followers.keys()],
  wire: () => wire,
};

const server = createServer(
  { cert: readFileSync(process.env.CERT), key: readFileSync(process.env.KEY) },
  handler(origin, (request) => federation.fetch(request, { contextData: undefined })),
);
server.listen(Number(process.env.PORT), process.env.ADDRESS, () => {
  console.log(JSON.stringify({ id: 0, result: { actor: context().getActorUri(who).href } }));
});

const input = createInterface({ input: process.stdin });
input.on("line", async (line) => {
  const { id, do: what, ...values } = JSON.parse(line);
  try {
    if (!Object.hasOwn(commands, what)) throw new Error(`unknown command ${what}`);
    console.log(JSON.stringify({ id, result: (await commands[what](context(), values)) ?? null }));
  } catch (error) {
    console.error(what, error);
    console.log(JSON.stringify({ id, error: String(error?.stack ?? error) }));
  }
});
input.on("close", () => process.exit(0));
