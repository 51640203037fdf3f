// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The {@code ce_type} of a message. It never changes; a changed meaning is a new type with a new version. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface WireType {
  /** Such as {@code dev.otaverify.firmware.verified.v1}. */
  String value();
}
