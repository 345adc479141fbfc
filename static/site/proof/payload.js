/**
 * What the QR of a certificate says, checked on this device: the reader of `certificates/proof/payload.py`.
 *
 * `read(text, keys)` takes the text behind `/T/` and the published keys (JWK) and resolves to
 * `{ verdict, … }`:
 *   "genuine"      signed with a published key; number, full_name, issued_on (ISO), course_code,
 *                  register_code
 *   "forged"       the signature is none of that key's, or later than the key's last day
 *   "unknown"      signed with a key that is not among `keys`
 *   "unreadable"   no code of a certificate
 *   "unsupported"  this browser cannot check Ed25519
 * It never throws.
 */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const PURPOSE = new TextEncoder().encode("certificate look-up\n");
const VERSION = 1;
const EPOCH = Date.UTC(2000, 0, 1);
const DAY = 86_400_000;
const HEAD = 4;
const SIGNATURE = 64;
const FIELDS = ["number", "full_name", "course_code", "register_code"];
// Issue dates are days in Vietnam.
const ZONE = 7 * 3_600_000;

export async function read(text, keys) {
  const signed = toBytes(text);
  if (!signed || signed.length < HEAD + SIGNATURE || signed[0] !== VERSION) {
    return { verdict: "unreadable" };
  }
  const body = signed.subarray(0, -SIGNATURE);
  const key = keys.find((one) => one.kid.endsWith(`/${body[1]}.json`));
  if (!key) return { verdict: "unknown" };
  const genuine = await verify(key, signed.subarray(-SIGNATURE), body);
  if (genuine === null) return { verdict: "unsupported" };
  if (!genuine) return { verdict: "forged" };
  const fields = split(body.subarray(HEAD));
  if (!fields) return { verdict: "unreadable" };
  const issued = EPOCH + DAY * (body[2] * 256 + body[3]);
  if (key.exp && issued - ZONE >= key.exp * 1000) return { verdict: "forged" };
  return {
    verdict: "genuine",
    issued_on: new Date(issued).toISOString().slice(0, 10),
    ...Object.fromEntries(FIELDS.map((name, index) => [name, fields[index]])),
  };
}

/** Whether the signature is the key's; null where this browser cannot say. */
async function verify({ kty, crv, x }, signature, body) {
  const said = new Uint8Array(PURPOSE.length + body.length);
  said.set(PURPOSE);
  said.set(body, PURPOSE.length);
  try {
    const { subtle } = globalThis.crypto;
    const key = await subtle.importKey("jwk", { kty, crv, x }, { name: "Ed25519" }, false, [
      "verify",
    ]);
    return await subtle.verify({ name: "Ed25519" }, key, signature, said);
  } catch {
    return null; // no WebCrypto without HTTPS, no Ed25519 in older browsers
  }
}

/** Base32 without padding, in either case; null unless it is the one spelling of its bytes. */
function toBytes(text) {
  if (!/^[A-Za-z2-7]+$/.test(text)) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let length = 0;
  for (const letter of text.toUpperCase()) {
    held = (held << 5) | LETTERS.indexOf(letter);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length] = held >> bits;
      length += 1;
      held &= (1 << bits) - 1;
    }
  }
  return bits < 5 && held === 0 ? bytes : null;
}

/** The four fields, each of two bytes of length and UTF-8; null where they are not four. */
function split(bytes) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const found = [];
  let at = 0;
  try {
    while (at < bytes.length) {
      const end = at + 2 + bytes[at] * 256 + bytes[at + 1];
      if (!(end <= bytes.length)) return null;
      found.push(decoder.decode(bytes.subarray(at + 2, end)));
      at = end;
    }
  } catch {
    return null;
  }
  return found.length === FIELDS.length ? found : null;
}
