"""What the files of tools say of servers: one module or package a tool, each of which yields workloads."""
