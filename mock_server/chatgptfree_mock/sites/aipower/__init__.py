"""chatgptfree.ai: the AI Power / AIPKit plugin on WordPress, from 1.8.79 on."""
