namespace Trainer;

/// <summary>A fault in the data, model or options of training or evaluation that its user can mend: the message says what was found, where, what was expected and what to do.</summary>
public sealed class TrainerException(string message, Exception? inner = null) : Exception(message, inner);
