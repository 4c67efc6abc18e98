"""Cluster -> problems; one module for a ten of rule numbers."""
