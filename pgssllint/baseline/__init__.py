"""What is new: the findings of a run held against those of before."""
