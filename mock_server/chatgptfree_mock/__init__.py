"""An offline imitation of chatgptfree.ai with all releases of its plugin, replay of recordings, and a crash test."""
