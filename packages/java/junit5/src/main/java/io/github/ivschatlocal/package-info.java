/**
 * Test client and JUnit Jupiter extension for ivschat-local, a local emulator of Amazon IVS Chat.
 *
 * <p>Begin with {@link io.github.ivschatlocal.IvsChat}, or in JUnit with {@link
 * io.github.ivschatlocal.IvsChatExtension}.
 */
package io.github.ivschatlocal;
