#if STACK_SYSTEM
namespace DataPrep.Tables;

/// <summary>DuckDB's own message; the store wraps it with the file's name.</summary>
sealed class DuckDbException(string message) : Exception(message);
#endif
