/** The files of firmware: forms to post them with, the store they are measured and kept in, links that devices read them by. */
@NullMarked
package dev.otaverify.gateway.files;

import org.jspecify.annotations.NullMarked;
