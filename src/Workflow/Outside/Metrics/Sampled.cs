namespace Workflow.Outside.Metrics;

/// <summary>A figure that is read again only once its age is twenty times what reading it took: however large a home grows, reading costs at most a twentieth of one processor.</summary>
/// <param name="time">Clock.</param>
sealed class Sampled<T>(TimeProvider time)
{
    const int Patience = 20;
    readonly Lock gate = new();
    T? value;
    long read = long.MinValue;
    TimeSpan took;

    /// <summary>The figure, read anew where that is due.</summary>
    public T Get(Func<T> look)
    {
        lock (gate)
        {
            var start = time.GetTimestamp();
            if (read == long.MinValue || time.GetElapsedTime(read, start) >= took * Patience)
            {
                value = look();
                read = time.GetTimestamp();
                took = time.GetElapsedTime(start, read);
            }

            return value!;
        }
    }
}
