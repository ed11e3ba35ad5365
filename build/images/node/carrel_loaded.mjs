// The last "test file": when it is loaded, every test is known.
process.emit('carrel:loaded');
