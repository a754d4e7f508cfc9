// What Fedify understands of an activity or object: the values its vocabulary reads out of the JSON, not the JSON.
import { Hashtag, Image, Link, Mention } from "@fedify/vocab";

const text = (value) => (value == null ? undefined : value.toString());
const local = (thing) => thing?.constructor?.name;

// read describes a thing of the vocabulary as plain values; `options` are the loaders for what it only links to.
export async function read(thing, options) {
  if (thing == null) return undefined;
  const described = {
    type: local(thing), id: text(thing.id), name: text(thing.name), content: text(thing.content), summary: text(thing.summary),
    url: text(thing.url instanceof Link ? thing.url.href : thing.url), published: text(thing.published),
    updated: text(thing.updated), startTime: text(thing.startTime), endTime: text(thing.endTime),
    attributedTo: text(thing.attributionId), inReplyTo: text(thing.replyTargetId),
    to: thing.toIds?.map(String), cc: thing.ccIds?.map(String),
    preferredUsername: text(thing.preferredUsername), inbox: text(thing.inboxId), followers: text(thing.followersId),
  };
  const place = await thing.getLocation?.(options);
  if (place != null) described.location = { type: local(place), name: text(place.name), latitude: place.latitude, longitude: place.longitude };
  described.mentions = [];
  described.hashtags = [];
  for await (const tag of thing.getTags?.(options) ?? []) {
    if (tag instanceof Mention) described.mentions.push(text(tag.href));
    if (tag instanceof Hashtag) described.hashtags.push(text(tag.name));
  }
  described.attachments = [];
  for await (const part of thing.getAttachments?.(options) ?? []) described.attachments.push(picture(part));
  for (const key of ["getImage", "getIcon"]) {
    const image = await thing[key]?.(options);
    if (image instanceof Image) described[key.slice(3).toLowerCase()] = picture(image);
  }
  if (thing.getPublicKey != null) described.publicKey = text((await thing.getPublicKey(options))?.id);
  return described;
}

// readActivity describes an activity and the thing it is about; a thing that cannot be fetched is left out.
export async function readActivity(activity, { documentLoader, contextLoader }) {
  const options = { documentLoader, contextLoader, suppressError: true };
  return {
    type: local(activity), id: text(activity.id), actor: text(activity.actorId), objectID: text(activity.objectId),
    to: activity.toIds.map(String), cc: activity.ccIds.map(String),
    object: await read(await activity.getObject(options), options),
  };
}

function picture(part) {
  return {
    type: local(part), name: text(part.name), mediaType: text(part.mediaType), width: part.width, height: part.height,
    url: text(part.url instanceof Link ? part.url.href : part.url),
  };
}
