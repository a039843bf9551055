"""An offline imitation of chatgptfree.ai: a time machine of its plugin, a tape deck, a crash test for clients."""
