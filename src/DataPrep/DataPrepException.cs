namespace DataPrep;

/// <summary>A fault in the data or options of a stage that its user can mend: the message says what was found, where, what was expected and what to do.</summary>
public sealed class DataPrepException(string message, Exception? inner = null) : Exception(message, inner);
