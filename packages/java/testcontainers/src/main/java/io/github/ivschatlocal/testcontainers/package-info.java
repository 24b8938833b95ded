/**
 * Testcontainers module for ivschat-local, a local emulator of Amazon IVS Chat: {@link
 * io.github.ivschatlocal.testcontainers.IvsChatContainer}.
 */
package io.github.ivschatlocal.testcontainers;
