// A rule of the specification that refuses its input. Anything else that is thrown is a defect of this program.

export class Refusal extends Error {
  constructor(code, detail = "") {
    super(detail === "" ? code : `${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
  }
}

/** Refuses with `code` unless `condition` holds. */
export function guard(condition, code, detail = "") {
  if (!condition) throw new Refusal(code, detail);
}
