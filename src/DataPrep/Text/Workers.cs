using System.Runtime.ExceptionServices;

namespace DataPrep.Text;

/// <summary>Parallel loops whose faults arrive as they were thrown, not inside an AggregateException.</summary>
static class Workers
{
    /// <summary>Runs the body once per index, on so many threads at most.</summary>
    public static void For(int count, int threads, Action<int> body, CancellationToken cancellationToken = default) =>
        Unwrapped(() => Parallel.For(0, count, Options(threads, cancellationToken), body));

    /// <summary>Runs the body once per index with a state of the thread's own.</summary>
    public static void For<TState>(int count, int threads, Func<TState> begin, Action<int, TState> body, Action<TState> end, CancellationToken cancellationToken = default) =>
        Unwrapped(() => Parallel.For(
            0,
            count,
            Options(threads, cancellationToken),
            begin,
            (i, _, state) =>
            {
                body(i, state);
                return state;
            },
            end));

    static ParallelOptions Options(int threads, CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };

    static void Unwrapped(Action loop)
    {
        try
        {
            loop();
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.Flatten().InnerExceptions[0]);
        }
    }
}
