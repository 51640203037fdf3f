// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import dev.otaverify.contracts.ErrorCode;

/** The secret that what moves in brings along; never the text itself, of which no rule depends. */
public enum BroughtSecret {
  /** It was not handed over before the command. */
  MISSING,
  /** It is not that of what is known under the name; or nothing is. */
  ANOTHER,
  /** It is that of what is known under the name. */
  THAT_OF_THE_KNOWN;

  static <E> Decision<E> refusal() {
    return Decision.refuse(ErrorCode.SECRET_NOT_FOUND, "secret", "none",
        "one that was handed over for this request before it; send it with a new SignatureNonce");
  }
}
