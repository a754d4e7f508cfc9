// Names on loopback: makes this process resolve the names in HOSTS ("127.0.0.2 dorf.test,127.0.0.4 fedi.test") to the
// addresses beside them, without touching the machine. Any other name stays with the resolver of the system.
import dns from "node:dns";

const known = new Map(
  (process.env.HOSTS ?? "").split(",").filter(Boolean).map((line) => line.trim().split(/\s+/).reverse()),
);
const lookup = dns.lookup;

dns.lookup = function (name, options, done) {
  if (typeof options === "function") [options, done] = [{}, options];
  const address = known.get(name);
  if (address == null) return lookup.call(dns, name, options, done);
  const all = typeof options === "object" && options?.all;
  process.nextTick(() => (all ? done(null, [{ address, family: 4 }]) : done(null, address, 4)));
};
