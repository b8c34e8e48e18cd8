namespace Workflow.Runs;

/// <summary>A named slot holds another model than the decision compared with. Another try compares with what it holds now.</summary>
sealed class SlotMovedException(string message) : Exception(message);
